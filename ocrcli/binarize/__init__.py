"""Which pixels are ink of writing: the page model, background normalisation, denoising, thresholds."""
