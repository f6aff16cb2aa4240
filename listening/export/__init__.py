"""Everything of a study that a reader of the paper may ask for, as one folder."""

from listening.export.folder import FILES, export_study, zipped

__all__ = ["FILES", "export_study", "zipped"]
