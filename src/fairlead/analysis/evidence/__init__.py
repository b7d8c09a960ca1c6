"""What do the counts prove, however often one looks? E-processes (Ramdas et al. 2023)."""
