"""The sentences of the bundled corpus: written for it, quoted from nowhere.

Everyday talk in a living room, 8 to 13 words each, so that a synthesiser needs about
two and a half to four and a half seconds. No two of them share their content words.
"""

# What is to be understood. Speakers take turns: sentence i is spoken by speaker
# i modulo their number.
SENTENCES = (
    "Please hang your wet umbrella in the hall before you come upstairs.",
    "The baker on our corner opens a little later on Thursdays.",
    "I watered the tomatoes twice because the week was so dry.",
    "Could you fetch the blue folder from the top of the piano?",
    "Grandfather repaired this clock with a spoon and a piece of wire.",
    "We should leave by seven if you want a seat near the window.",
    "Somebody has borrowed my good scissors and hidden them again.",
    "The lake was frozen so hard that we could hear it sing.",
    "Turn down the oven and let the pie rest for a minute.",
    "Her neighbour keeps four geese and a rather proud donkey.",
    "Why does the printer only jam when I am in a hurry?",
    "They painted the boat yellow so the children could find it.",
    "My sister changed trains three times and still arrived early.",
    "There is fresh soup in the pot if anyone feels hungry.",
    "The cat thinks that every cardboard box belongs to him.",
    "You may choose the film tonight, but nothing with zombies.",
    "A thin layer of snow made the whole garden look tidy.",
    "He forgot the password and had to telephone his daughter.",
    "Check the batteries in the smoke alarm above the stairs.",
    "The orchestra rehearses in the school gym every other Monday.",
    "I would rather walk than wait for another crowded bus.",
    "Put the cheese on a lower shelf, behind the orange juice.",
    "Our cousin measured the carpet and ordered far too much.",
    "When the storm passed, the whole valley smelled of pine.",
    "Those boots are comfortable, although one of the laces is torn.",
    "The doctor asked me to breathe slowly and count backwards.",
    "We found an old coin beneath the roots of the pear tree.",
    "Don't throw the newspaper away, I have not done the crossword.",
    "The ferry goes twice a day unless the wind is very strong.",
    "She plays chess by post with a fisherman in Norway.",
    "Ask the plumber whether he can come on Friday afternoon.",
    "A young fox has been stealing apples from the compost heap.",
    "The museum lets you touch the bones of a small dinosaur.",
    "I poured the coffee, but the sugar bowl was empty.",
    "It takes ages to choose a pair of glasses that fits.",
    "Someone left a violin in the back of the taxi.",
    "The tailor shortened both sleeves and charged us nothing.",
    "Let us move the sofa so the sun can reach the plants.",
    "Three of the candles went out when you opened the door.",
    "His voice sounds hoarse, he must have shouted at the match.",
    "The library will fetch any book you ask for within a week.",
    "Nobody noticed that the parrot had learned a new word.",
    "You can borrow my bicycle, just mind the front brake.",
    "The thermometer fell to minus nine during the night.",
    "Fold the towels neatly and stack them beside the bath.",
    "We cheered so loudly that the judge rang his bell.",
    "Mother grows lavender along the path to keep the moths away.",
    "The last page of the recipe is missing, so we must guess.",
)

# What is not meant for the listener: guests at the next table.
BABBLE = (
    "and then of course the whole shelf came down on top of us",
    "well I told him twice that the meeting had been moved to June",
    "no the other one with the green roof just behind the station",
    "we had a lovely view but the food was honestly nothing special",
    "if you ask me they should have fixed that bridge years ago",
    "she said she would ring me back and that was last Tuesday",
    "it was raining sideways and nobody had thought to bring a coat",
    "he collects teapots you know there must be sixty of them by now",
    "the new manager seems nice enough but rather quiet at lunch",
    "so we drove all the way back because of one forgotten charger",
    "they are getting married in a barn somewhere up in the hills",
    "I can never remember which key belongs to the cellar door",
    "her youngest has started swimming and wants to be a dolphin",
    "you would not believe what they charge for parking over there",
    "first it was the roof and now the heating has given up too",
    "my knee always knows about the weather before the radio does",
    "we tried the place by the canal and waited for almost an hour",
    "anyway the long and the short of it is that we kept the dog",
    "he only eats pasta and peas and sometimes half a banana",
    "I think the blue one suits you better than the grey to be fair",
)

# What comes out of a television in the corner.
NEWS = (
    "Good evening, and welcome to the programme.",
    "Engineers have finished the new tunnel two months ahead of schedule.",
    "The mayor said that the first trains would run before Christmas.",
    "In sport, the home side lost by a single point after extra time.",
    "Farmers in the east are hoping for rain by the end of the week.",
    "And finally, a village has elected a goat to open its summer fair.",
)
SHOW = (
    "So, for the big prize, which planet has the longest day?",
    "Take your time, you still have one of your jokers left.",
    "And that is the right answer, give her a round of applause!",
    "Stay with us, we will be back right after the break.",
)
