from autograder.judge.rules import Judge, rule
@rule("2.1")
def test_a(judge: Judge) -> None:
    pass
