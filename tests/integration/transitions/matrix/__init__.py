"""The matrix: every action, in every state, asked by everybody."""
