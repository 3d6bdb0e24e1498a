// KenLM's query time in nanoseconds per token, without reading text: words are looked up beforehand, then FullScore is called
// for each in order with KenLM's own state, in one thread.   score_ids MODEL TEXT
#include "lm/model.hh"
#include "util/file_piece.hh"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace {

double seconds() {
  using clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(clock::now().time_since_epoch()).count();
}

// The word ids of all lines, with the end of each line.
std::vector<std::string> read_words(const char *path) {
  std::vector<std::string> words;
  util::FilePiece text(path);
  StringPiece word;
  try {
    while (true) {
      while (text.ReadWordSameLine(word)) words.emplace_back(word.data(), word.size());
      text.get();
      words.emplace_back("</s>");
    }
  } catch (const util::EndOfFileException &) {
  }
  return words;
}

template <class Model> void measure(const char *path, const char *text) {
  lm::ngram::Config config;
  config.load_method = util::POPULATE_OR_READ;
  const Model model(path, config);
  const auto &vocabulary = model.GetVocabulary();
  std::vector<lm::WordIndex> ids;
  for (const std::string &word : read_words(text)) ids.push_back(vocabulary.Index(word));
  for (int pass = 1; pass <= 4; ++pass) {
    const double begin = seconds();
    double sum = 0;
    auto state = model.BeginSentenceState();
    for (const lm::WordIndex id : ids) {
      typename Model::State next;
      sum += model.FullScore(state, id, next).prob;
      state = id == vocabulary.EndSentence() ? model.BeginSentenceState() : next;
    }
    const double nanoseconds = (seconds() - begin) * 1e9 / ids.size();
    std::printf("pass %d: %.0f ns a token, perplexity %.3f\n", pass, nanoseconds, std::pow(10., -sum / ids.size()));
  }
}

}  // namespace

int main(int argc, char **argv) {
  using namespace lm::ngram;
  ModelType type;
  if (argc != 3 || !RecognizeBinary(argv[1], type)) {
    std::fprintf(stderr, "usage: score_ids MODEL TEXT, the model made by build_binary\n");
    return 2;
  }
  if (type == PROBING) measure<ProbingModel>(argv[1], argv[2]);
  else if (type == TRIE) measure<TrieModel>(argv[1], argv[2]);
  else if (type == QUANT_TRIE) measure<QuantTrieModel>(argv[1], argv[2]);
}
