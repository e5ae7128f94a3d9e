"""Tables: drawn lines and aligned columns, their cells, and the words in them."""
