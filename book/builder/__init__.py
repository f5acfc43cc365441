"""The book builder: two languages -> notebooks -> site. It knows no attention."""
