"""What a person does before each picture is taken."""
