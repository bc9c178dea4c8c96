"""The server held to the model of workflows, by walks at random in which time moves."""
