"""Drawn pages: photographed notes of which it is known, to the pixel, what is writing.

`paper` makes what is written on, `drawing` what hands draw besides letters, `surroundings` what a sheet lies on,
`camera` light and the photo. All take their chance from a `numpy.random.Generator`, and return the same for the
same seed. Colours are reflectances from 0 to 1, RGB; an alpha is 1 where something covers what is below.
"""
