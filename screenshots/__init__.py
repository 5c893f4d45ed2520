"""Pictures of the program, taken of the real app at work on scripted sessions; `make screenshots` renders them."""
