"""Everything of a study that a reader of the paper may ask for, as one folder."""

from listening.export.folder import FILES, REPRODUCE, export_study, zipped

__all__ = ["FILES", "REPRODUCE", "export_study", "zipped"]
