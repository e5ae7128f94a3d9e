"""How people look at what happened: pictures of the stages, explanations, overlays."""
