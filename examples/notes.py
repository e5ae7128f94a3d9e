"""The table of example notes: what is written, by whom, on what, and how it is photographed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from camera import Camera, Light, Point, Shadow
from drawing import Hand, Pen, Ruling
from surfaces import Floats, Sheet, cloth, wood

OAK = partial(wood, dark="#8d6a48", bright="#c79f70")
WALNUT = partial(wood, dark="#20140f", bright="#4a3325")
LINEN = partial(cloth, colour="#6f7f8c")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the sheet lies.

    Attributes:
        size: Height and width in pixels.
        table: Draws the table at that size.
        centre: Of the sheet, in pixels (x, y).
        turn: Of the sheet anticlockwise, in degrees.
        bend: How far it curls, in pixels.
        pencil: Tip and end of a pencil beside it.
    """

    size: tuple[int, int]
    table: Callable[[tuple[int, int], np.random.Generator], Floats]
    centre: Point
    turn: float = 0.0
    bend: float = 8.0
    pencil: tuple[Point, Point] | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """An example: what is written, by whom, on what, and how it is photographed.

    Attributes:
        name: Of the files, without ending.
        text: What is written, line by line; also the ground truth.
        font: A package of @fontsource.
        hand: Who writes.
        pen: With what.
        sheet: What it is written on; None is a blackboard as large as the scene.
        scene: Where that lies.
        light: What falls on it.
        camera: What takes the photo.
        seed: Of everything random about it.
        sideways: Whether the camera stored the photo turned, with an EXIF tag that says so.
        quality: Of the JPEG.
        rulings: Lines drawn with a ruler, in pixels of the page.
    """

    name: str
    text: str
    font: str
    hand: Hand
    pen: Pen
    sheet: Sheet | None
    scene: Scene
    light: Light
    camera: Camera
    seed: int
    sideways: bool = False
    quality: int = 80
    rulings: tuple[Ruling, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The written lines, indentation included."""
        return tuple(self.text.strip("\n").split("\n"))

    @property
    def truth(self) -> str:
        """What a perfect reader prints: the words of each line, with one space between them."""
        return "".join(" ".join(line.split()) + "\n" for line in self.lines if line.strip())


NOTES = (
    Note(
        name="shopping_list",
        text="""
SHOPPING
MILK AND OATS
6 BROWN EGGS
BREAD FROM MIRA
A JAR OF HONEY
LEMONS IF CHEAP
NO MORE BISCUITS
""",
        font="annie-use-your-telescope",
        hand=Hand(size=118, pitch=178, origin=(170, 300), tilt=1.0, sag=6, spread=0.13),
        pen=Pen("#16171b", weight=0.6, pressure=0.5, patchy=0.08),
        sheet=Sheet((1500, 1300), "#efede6"),
        scene=Scene((1700, 1500), OAK, (750, 850), turn=1.0, bend=14),
        light=Light(
            "#fff4e2",
            towards=150,
            falloff=0.45,
            shadows=(Shadow(((0.55, 1.1), (0.50, 0.74), (0.80, 0.66), (1.2, 0.75), (1.2, 1.1)), 0.38, 0.02),),
        ),
        camera=Camera((1600, 1200), ((0.10, 0.09), (0.93, 0.10), (0.95, 0.95), (0.08, 0.95)), exposure=1.0),
        seed=12,
    ),
    Note(
        name="todo_list",
        text="""
TO DO BEFORE NOON
1. WATER THE FERN
2. CALL AUNT JUNE
3. FIX THE SQUEAKY DOOR
4. POST 3 LETTERS
5. FIND THE OTHER SOCK
6. TAKE A SHORT WALK
""",
        font="nanum-pen-script",
        hand=Hand(size=118, pitch=146, origin=(150, 230), tilt=-0.3, sag=-5, spread=0.085),
        pen=Pen("#434447", weight=-0.1, pressure=0.5, patchy=0.15, grain=0.4),
        sheet=Sheet((1250, 1500), "#d8cbb0", flecks=420),
        scene=Scene((1400, 1800), LINEN, (880, 700), turn=-1.2, bend=10),
        light=Light("#fff1dc", towards=60, falloff=0.35),
        camera=Camera((1200, 1600), ((0.03, 0.03), (0.95, 0.01), (0.93, 0.93), (0.05, 0.95)), exposure=1.15),
        seed=23,
    ),
    Note(
        name="lecture_note",
        text="""
Blue sky, red sun (lecture 2)

Sunlight holds every colour. Air scatters
short waves far more than long ones, so
blue light reaches us from all sides.

At dusk the path is about 30 times longer.
Most of the blue is lost on the way and
only red and orange are left.

Then why is the sky not violet?
""",
        font="indie-flower",
        hand=Hand(size=76, pitch=96, origin=(150, 238), tilt=0.5, sag=4, spread=0.035),
        pen=Pen("#1d2f7d", weight=0.35, pressure=0.5, patchy=0.3),
        sheet=Sheet((1400, 1750), "#f1f1ec", rules=(58, 48), squared=True, rule_colour="#b9c6d6"),
        scene=Scene((1500, 1850), OAK, (900, 720), turn=0.5, bend=14),
        light=Light(
            "#f3f7ff",
            towards=110,
            falloff=0.4,
            shadows=(Shadow(((-0.1, 1.1), (-0.1, 0.55), (0.12, 0.60), (0.30, 1.1)), 0.3, 0.05),),
        ),
        camera=Camera((1350, 1800), ((0.05, 0.05), (0.97, 0.06), (0.99, 0.88), (0.03, 0.87)), exposure=1.05),
        seed=31,
    ),
    Note(
        name="letter",
        text="""
Dear Robin,

thank you for the plum jam. We opened
it on Sunday and it was gone by Monday.
The cat has learned to open the pantry
and the second jar lives in my desk.

Come and see us when the snow melts.
Bring your boots and more jam.

Yours, Elsie
""",
        font="shadows-into-light",
        hand=Hand(size=74, pitch=92, origin=(262, 262), tilt=0.15, sag=2, spread=0.02),
        pen=Pen("#15233f", weight=0.6, pressure=0.6, patchy=0.2),
        sheet=Sheet((1420, 1500), "#f5f1e3", rules=(172, 92), rule_colour="#8fa9c4", margin=225, creases=(0.52,)),
        scene=Scene((1700, 1800), WALNUT, (930, 800), turn=-0.8, bend=12),
        light=Light("#fff8ee", towards=40, falloff=0.35),
        camera=Camera((1500, 1500), ((0.08, 0.03), (0.93, 0.05), (0.97, 0.84), (0.06, 0.86)), exposure=1.1),
        seed=47,
    ),
    Note(
        name="blackboard",
        text="""
GARDEN CLUB
Today we plant the beans.
Cans are next to the gate.
Please feed the worms,
not the pigeons!
Next meeting May 12 at 5
""",
        font="patrick-hand",
        hand=Hand(size=150, pitch=184, origin=(200, 250), tilt=1.0, sag=-10, spread=0.05),
        pen=Pen("#e4e6de", weight=0.6, pressure=0.7, patchy=0.2, grain=0.75, dust=0.05, opaque=True),
        sheet=None,
        scene=Scene((1300, 1950), WALNUT, (0, 0)),
        light=Light("#fff6e6", towards=70, falloff=0.45),
        camera=Camera((1200, 1800), ((0.02, 0.03), (0.97, 0.00), (0.99, 0.99), (0.01, 0.97)), exposure=1.5),
        seed=53,
    ),
    Note(
        name="price_list",
        text="""
Flea market

Blue teapot\t12.50
Brass lamp\t8.75
Old atlas\t24.00
6 spoons\t3.90
Radio (works)\t16.40
Deck of cards\t0.95
""",
        font="gaegu",
        hand=Hand(size=96, pitch=122, origin=(110, 190), tilt=0.8, sag=3, spread=0.0, columns=(735,)),
        pen=Pen("#1b1a1c", weight=0.3, pressure=0.5),
        sheet=Sheet((1250, 1060), "#f2eddd"),
        scene=Scene((2000, 2000), WALNUT, (930, 1000), turn=9, bend=10, pencil=((1580, 1500), (1880, 420))),
        light=Light("#ffe9c9", towards=120, falloff=0.5),
        camera=Camera((1760, 1320), ((0.12, 0.06), (0.90, 0.06), (0.98, 0.95), (0.02, 0.95)), exposure=1.1),
        seed=61,
    ),
    Note(
        name="score_sheet",
        text="""
Quiz night

Team\tTrivia\tMusic\tSum
Owls\t7\t9\t16
Foxes\t5\t8\t13
Otters\t10\t6\t16
Hens\t4\t7\t11
""",
        font="gaegu",
        hand=Hand(size=100, pitch=132, origin=(110, 190), tilt=0.3, sag=2, spread=0.0, columns=(460, 810, 1150)),
        pen=Pen("#1f3d8a", weight=0.1, pressure=0.4),
        sheet=Sheet((1180, 1420), "#f4f2ec"),
        scene=Scene((1700, 1900), OAK, (950, 840), turn=-3, bend=8),
        light=Light("#fff3e0", towards=60, falloff=0.35),
        camera=Camera((1400, 1720), ((0.08, 0.08), (0.94, 0.06), (0.98, 0.95), (0.04, 0.97)), exposure=1.1),
        seed=67,
        rulings=(
            *((80, y, 1340, y) for y in range(362, 362 + 6 * 132, 132)),
            *((x, 362, x, 1022) for x in (80, 420, 770, 1110, 1340)),
        ),
    ),
    Note(
        name="sticky_note",
        text="""
Gone to feed
the ducks.
Soup is on
the stove.
Back at 7:30
""",
        font="kalam",
        hand=Hand(size=140, pitch=172, origin=(100, 215), tilt=1.5, sag=0, spread=0.02),
        pen=Pen("#1c1d22", weight=0.9, pressure=0.3, patchy=0.06),
        sheet=Sheet((1000, 1000), "#f3dc6a"),
        scene=Scene((1500, 1500), OAK, (750, 750), turn=-3, bend=12),
        light=Light("#fbfbff", towards=130, falloff=0.35),
        camera=Camera((2000, 1500), ((0.15, 0.05), (0.86, 0.06), (0.88, 0.94), (0.14, 0.95)), exposure=1.0),
        seed=71,
        sideways=True,
    ),
)
"""All examples."""
