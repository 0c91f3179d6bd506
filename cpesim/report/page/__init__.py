"""report.html: the page, its charts, and what marks them."""
