from supportbot.knowledge.confidence import by_meaning, by_words


def test_one_word_in_a_text_says_nothing_and_in_a_heading_it_does():
    assert by_words(1, 1, in_heading=False) == (False, False)
    assert by_words(1, 1, in_heading=True) == (True, True)


def test_the_more_words_a_passage_has_the_less_of_the_question_they_need_to_be():
    assert by_words(0.4, 2, in_heading=True) == (False, True)
    assert by_words(0.4, 4, in_heading=True) == (True, True)
    assert by_words(0.05, 4, in_heading=True) == (False, False)


def test_closeness_decides_and_words_tip_the_scale():
    assert by_meaning(0.4, 0, sure_by_words=False) == (True, True)
    assert by_meaning(0.27, 0, sure_by_words=False) == (False, True)
    assert by_meaning(0.29, 0, sure_by_words=True) == (True, True)
    assert by_meaning(0.27, 1, sure_by_words=False) == (True, True)
    assert by_meaning(0.1, 1, sure_by_words=True) == (False, False)
