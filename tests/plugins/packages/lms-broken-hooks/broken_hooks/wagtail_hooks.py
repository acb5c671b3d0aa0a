from wagtail import hooks


@hooks.register("a hook", order="nonsense", and_a_word_too_many=True)
def nothing():
    pass
