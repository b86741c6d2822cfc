"""What orchestrators answer with: frozen values without a word of layout, for views, digest and tests alike."""
