"""Questions from files of other systems, and into them."""
