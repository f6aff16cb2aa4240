"""From numbers to what people read: words, figures, the report."""
