#include "common/audit/verify.h"

#include <filesystem>
#include <fstream>
#include <set>

namespace angophora::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFindingsMax = 100;

class Verification {
 public:
  Verification(std::string folder, std::string key, Head head)
      : folder_(std::move(folder)), key_(std::move(key)), head_(std::move(head)) {}

  Result<Report> run() {
    before_ = head_.before_first;
    TRY(const auto numbers, file_numbers());
    auto expected = head_.first_file;
    for (const auto number : numbers) {
      if (number < head_.first_file) continue;  // it was about to be removed
      for (; expected < number; ++expected) find(file_name(expected) + " is missing");
      expected = number + 1;
      TRY_VOID(read(number, number == *numbers.rbegin()));
    }
    for (; expected <= head_.file; ++expected) find(file_name(expected) + " is missing");
    if (before_.sequence < head_.last.sequence)
      find("records " + std::to_string(before_.sequence + 1) + " to " +
           std::to_string(head_.last.sequence) + " are missing at the end");
    report_.last = before_;
    return std::move(report_);
  }

 private:
  void find(std::string what) {
    if (report_.findings.size() < kFindingsMax) report_.findings.push_back(std::move(what));
  }
  Result<std::set<std::uint64_t>> file_numbers() const {
    std::set<std::uint64_t> numbers;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder_, failure))
      if (const auto number = file_number(entry.path().filename().string()))
        numbers.insert(*number);
    if (failure) return Error(Errc::io, "reading " + folder_ + ": " + failure.message());
    return numbers;
  }
  Result<> read(std::uint64_t number, bool is_last) {
    const auto name = file_name(number);
    std::ifstream in(folder_ + "/" + name, std::ios::binary);
    if (!in) return Error(Errc::io, "cannot read " + folder_ + "/" + name);
    ++report_.files;
    std::string line;
    for (std::uint64_t at = 1; std::getline(in, line); ++at) {
      if (in.eof()) {
        const auto text =
            std::to_string(line.size()) + " bytes of a line without an end in " + name;
        if (is_last && before_.sequence >= head_.last.sequence)
          report_.torn = text;
        else
          find(text);
        break;
      }
      check(line, name + " line " + std::to_string(at));
    }
    return common::ok();
  }
  // After a line that is wrong the chain goes on with what that line says of itself, so that one
  // changed byte is one finding.
  void check(const std::string& line, const std::string& where) {
    ++report_.records;
    const auto link = link_of(line);
    if (report_.first.sequence == 0 && link) report_.first = *link;
    if (!follows(key_, line, before_)) {
      const auto expected = std::to_string(before_.sequence + 1);
      if (!link)
        find(where + ": it is no record; record " + expected + " is expected");
      else if (link->sequence != before_.sequence + 1)
        find(where + ": record " + std::to_string(link->sequence) + " where " + expected +
             " is expected: records are missing or were moved");
      else
        find(where + ": record " + expected + " was changed, or the one before it");
    }
    before_ = link ? *link : Link{before_.sequence + 1, before_.mac};
  }

  std::string folder_, key_;
  Head head_;
  Link before_;
  Report report_;
};

}  // namespace

Result<Report> verify(const std::string& folder) {
  TRY(auto key, read_key(folder));
  std::ifstream in(folder + "/head", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto head = read_head(key, text);
  const bool is_whole = head.has_value();
  if (!head) head.emplace();
  TRY(auto report, Verification(folder, std::move(key), std::move(*head)).run());
  if (!is_whole)
    report.findings.insert(report.findings.begin(),
                           text.empty() ? "the head is missing: the log's end cannot be judged"
                                        : "the head was changed: the log's end cannot be judged");
  return report;
}

}  // namespace angophora::audit
