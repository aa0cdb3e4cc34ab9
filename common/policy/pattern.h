// Texts of a policy that are compared with texts of a request: with wildcards ('*' any run of
// characters, '?' any one) and with policy variables (${aws:username}, ${aws:username, 'default'},
// ${*}, ${?}, ${$}). Compiled once, then read by any thread. Private to the folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/policy/document.h"

namespace angophora::policy {

inline common::Error malformed(std::string message) {
  return common::Error(PolicyErrc::malformed, std::move(message));
}

// Where a pattern's variables get their values.
class Variables {
 public:
  virtual ~Variables() = default;
  // The one value that the request has for `key` (lower case); null when it has none or several.
  virtual const std::string* value(std::string_view key) = 0;

  // A '?' behind a '*' costs the length of the pattern times that of the text. A policy and a
  // request made to be slow together end here, and the decision must be a refusal.
  static constexpr std::uint64_t kStepsMax = 20'000'000;
  bool too_costly() const { return steps > kStepsMax; }

  std::uint64_t steps = 0;
  std::string buffer;  // scratch of Pattern, kept so that its memory is used again
};

class Pattern {
 public:
  struct Rules {
    bool wildcards = true;
    bool variables = false;
    bool fold_case = false;  // of ASCII letters
  };

  // PolicyErrc::malformed for a variable that is not closed, not known, or has several values.
  static common::Result<Pattern> compile(std::string_view text, Rules rules);

  // A variable without a value and without a default matches nothing.
  bool matches(std::string_view text, Variables& variables) const {
    if (form_ == Form::everything) return true;
    if (form_ == Form::exact && !fold_case_) return text == glob_;
    if (form_ == Form::prefix && !fold_case_) return text.starts_with(glob_);
    return matches_with_care(text, variables);
  }

 private:
  enum class Form { everything, exact, prefix, glob, variables };
  struct Piece {
    std::string glob;      // comes first
    std::string variable;  // then the value of this key, unless ""
    std::optional<std::string> fallback;
  };
  bool matches_with_care(std::string_view text, Variables& variables) const;
  bool expand(Variables& variables, std::string& glob) const;

  Form form_ = Form::exact;
  bool fold_case_ = false;
  std::string glob_;  // wildcards stand in it as two bytes that no UTF-8 has
  // When there are variables: all of the text, of which glob_ is the plain beginning.
  std::vector<Piece> pieces_;
};

// The name of a resource or principal: arn:partition:service:region:account:resource, compared part
// by part, so that a wildcard in one part never reaches into the next.
class ArnPattern {
 public:
  enum class Use {
    resource,   // variables in the last part only; the service is a plain name
    condition,  // variables and wildcards anywhere
  };
  // "*" is any resource. PolicyErrc::malformed for what is no ARN.
  static common::Result<ArnPattern> compile(std::string_view text, Use use, bool variables);

  // The parts of a request's ARN; nothing when it is none ("*", say).
  struct Parts {
    std::string_view part[6];
  };
  static std::optional<Parts> split(std::string_view arn);

  bool matches(const std::optional<Parts>& arn, Variables& variables) const;
  bool is_any() const { return parts_.empty(); }
  // As it was written.
  const std::string& text() const { return text_; }

 private:
  std::vector<Pattern> parts_;
  std::string text_ = "*";
};

}  // namespace angophora::policy
