//! Paraphrased questions, which measure whether a responder is consistent.

/// Pairs of questions that have the same answer. Half of them use the vocabulary of the village, so that models trained on it
/// know their words.
pub const PARAPHRASES: [(&str, &str); 16] = [
    ("where are you from ?", "where is your home ?"),
    ("what is your work ?", "what do you do ?"),
    ("do you have a family ?", "who is your family ?"),
    ("do you have a pet ?", "what is your pet ?"),
    ("how old are you ?", "what is your age ?"),
    ("who are you ?", "what is your name ?"),
    ("how much is two and three ?", "what is two and three ?"),
    ("how much is nine less four ?", "what is nine less four ?"),
    ("where do you live ?", "which town do you live in ?"),
    ("what is your job ?", "what do you do for a living ?"),
    ("do you like music ?", "are you fond of music ?"),
    (
        "what is your favorite movie ?",
        "which movie do you like best ?",
    ),
    ("are you married ?", "do you have a husband or a wife ?"),
    ("when were you born ?", "in what year were you born ?"),
    ("do you play any sports ?", "which sports do you play ?"),
    ("what time is it ?", "can you tell me the time ?"),
];
