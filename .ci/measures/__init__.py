"""What `.ci/figures` and `.ci/pages` measure: photos in, rows of tables out."""
