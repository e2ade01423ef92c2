"""The model and what guards it: prompts in, values out; what it costs; the checks every text passes."""
