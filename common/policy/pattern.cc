#include "common/policy/pattern.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/policy/document.h"
#include "common/policy/keys.h"

namespace angophora::policy {
namespace {

// In a compiled pattern; UTF-8 has neither byte.
constexpr char kAnyRun = '\xff';
constexpr char kAnyOne = '\xfe';

// The first byte that means a wildcard; the size of `text` when there is none.
std::size_t find_wildcard(std::string_view text) {
  const auto is_wildcard = [](char c) { return static_cast<unsigned char>(c) >= 0xfe; };
  return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_wildcard) -
                                  text.begin());
}

std::string to_glob(std::string_view text, const Pattern::Rules& rules) {
  std::string glob = rules.fold_case ? common::to_lower(text) : std::string(text);
  if (!rules.wildcards) return glob;
  for (auto& c : glob) {
    if (c == '*') c = kAnyRun;
    if (c == '?') c = kAnyOne;
  }
  return glob;
}

// How many bytes the character at the front of `text` has; broken UTF-8 counts byte by byte.
std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (size > text.size()) return 1;
  for (std::size_t i = 1; i < size; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 1;
  return size;
}

// The end of what `part`, without kAnyRun, matches at the front of `text`; npos when it does not.
std::size_t match_front(std::string_view part, std::string_view text, std::uint64_t& steps) {
  std::size_t at = 0;
  for (const char c : part) {
    ++steps;
    if (at >= text.size()) return std::string_view::npos;
    if (c == kAnyOne)
      at += character_size(text.substr(at));
    else if (c == text[at])
      ++at;
    else
      return std::string_view::npos;
  }
  return at;
}

// The end of the first place at or after `from` where `part` matches; npos when there is none.
std::size_t find_part(std::string_view part, std::string_view text, std::size_t from,
                      Variables& variables) {
  if (part.find(kAnyOne) == std::string_view::npos) {
    const auto rest = text.substr(from);
    const auto* at =
        static_cast<const char*>(memmem(rest.data(), rest.size(), part.data(), part.size()));
    return at ? static_cast<std::size_t>(at - text.data()) + part.size() : std::string_view::npos;
  }
  while (from < text.size() && !variables.too_costly()) {
    const auto size = match_front(part, text.substr(from), variables.steps);
    if (size != std::string_view::npos) return from + size;
    from += character_size(text.substr(from));
  }
  return std::string_view::npos;
}

// Whether `part` matches the end of `text`, beginning at `from` or later.
bool match_back(std::string_view part, std::string_view text, std::size_t from,
                std::uint64_t& steps) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  auto begin = text.size();
  for (auto left = part.size(); left > 0; --left) {
    if (continues(part[left - 1])) continue;  // a character of the part, a character of the text
    do {
      if (begin == from) return false;
      --begin;
    } while (begin > from && continues(text[begin]));
  }
  return match_front(part, text.substr(begin), steps) == text.size() - begin;
}

// Part by part from the left: the first place where a part fits leaves most for what follows.
bool glob_matches(std::string_view glob, std::string_view text, Variables& variables) {
  auto star = glob.find(kAnyRun);
  std::size_t at = match_front(glob.substr(0, star), text, variables.steps);
  if (star == std::string_view::npos || at == std::string_view::npos) return at == text.size();
  while (true) {
    glob.remove_prefix(star + 1);
    star = glob.find(kAnyRun);
    if (star == std::string_view::npos) return match_back(glob, text, at, variables.steps);
    if (star == 0) continue;
    at = find_part(glob.substr(0, star), text, at, variables);
    if (at == std::string_view::npos) return false;
  }
}

struct Reference {
  std::string name;  // as it was written
  std::optional<std::string> fallback;
  std::size_t size;  // with "${" and "}"
};

// Reads the variable at the front of `text`, which begins with "${".
common::Result<Reference> read_reference(std::string_view text) {
  const auto not_closed = [&] {
    return malformed(fmt::format("the policy variable in \"{}\" is not closed", text));
  };
  const auto name_end = text.find_first_of(",}", 2);
  if (name_end == std::string_view::npos) return not_closed();
  Reference reference{std::string(common::trim(text.substr(2, name_end - 2))), {}, name_end + 1};
  if (text[name_end] == '}') return reference;
  const auto quote = text.find_first_not_of(' ', name_end + 1);
  if (quote == std::string_view::npos || text[quote] != '\'')
    return malformed(
        fmt::format("the default value of the policy variable ${{{}}} must stand in single quotes",
                    reference.name));
  const auto closing = text.find('\'', quote + 1);
  if (closing == std::string_view::npos) return not_closed();
  const auto brace = text.find_first_not_of(' ', closing + 1);
  if (brace == std::string_view::npos || text[brace] != '}') return not_closed();
  reference.fallback = text.substr(quote + 1, closing - quote - 1);
  reference.size = brace + 1;
  return reference;
}

common::Result<> check_variable(const std::string& name) {
  const auto kind = find_key(common::to_lower(name));
  if (!kind || *kind == KeyKind::quota) {
    const auto near = nearest_key(common::to_lower(name));
    return malformed(fmt::format("the policy variable ${{{}}} is not known{}", name,
                                 near.empty() ? "" : "; did you mean " + near + "?"));
  }
  if (*kind == KeyKind::many)
    return malformed(
        fmt::format("{} may have several values, so it cannot be a policy variable", name));
  return common::ok();
}

// The places of the colons that are not inside a variable.
std::vector<std::size_t> find_colons(std::string_view text, bool variables) {
  std::vector<std::size_t> colons;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (variables && text.substr(i).starts_with("${")) {
      const auto reference = read_reference(text.substr(i));
      if (reference) {
        i += reference.assume_value().size - 1;
        continue;
      }
    }
    if (text[i] == ':') colons.push_back(i);
  }
  return colons;
}

// What can be said of the parts of a resource's name before the last one.
common::Result<> check_resource(std::string_view text, const std::vector<std::string_view>& parts) {
  const auto plain = [](std::string_view part, std::string_view allowed) {
    return part.find_first_not_of(allowed) == std::string_view::npos;
  };
  const auto refuse = [&](std::string_view why) {
    return malformed(fmt::format("\"{}\" {}", text, why));
  };
  if (!parts[1].starts_with("aws") && parts[1].find_first_of("*?") == std::string_view::npos)
    return refuse("is of an unknown partition; it is aws");
  if (!plain(parts[2], "abcdefghijklmnopqrstuvwxyz0123456789-"))
    return refuse("must name its service plainly, without wildcards or capitals");
  if ((parts[2] == "s3" || parts[2] == "iam" || parts[2] == "sts") && !plain(parts[3], "*?"))
    return refuse("names a region, which the resources of this service do not have");
  if (parts[2] == "s3" && !plain(parts[4], "*?"))
    return refuse("names an account, which the names of buckets do not have");
  const auto account = parts[4];
  const bool digits = plain(account, "0123456789") && (account.empty() || account.size() == 12);
  const bool pattern =
      account.find_first_of("*?") != std::string_view::npos && plain(account, "0123456789*?");
  if (!digits && !pattern && account != "aws")
    return refuse("has an account that is not of twelve digits");
  return common::ok();
}

}  // namespace

common::Result<Pattern> Pattern::compile(std::string_view text, Rules rules) {
  Pattern pattern;
  pattern.fold_case_ = rules.fold_case;
  std::string glob;
  while (rules.variables) {
    const auto start = text.find("${");
    if (start == std::string_view::npos) break;
    glob += to_glob(text.substr(0, start), rules);
    text.remove_prefix(start);
    TRY(auto reference, read_reference(text));
    text.remove_prefix(reference.size);
    if (reference.name == "*" || reference.name == "?" || reference.name == "$") {
      glob += reference.name;  // the character itself
      continue;
    }
    TRY_VOID(check_variable(reference.name));
    if (rules.fold_case && reference.fallback)
      reference.fallback = common::to_lower(*reference.fallback);
    pattern.pieces_.push_back(
        {std::exchange(glob, {}), common::to_lower(reference.name), std::move(reference.fallback)});
  }
  glob += to_glob(text, rules);
  if (!pattern.pieces_.empty()) {
    pattern.form_ = Form::variables;
    const auto& front = pattern.pieces_.front().glob;
    pattern.glob_ = front.substr(0, find_wildcard(front));
    pattern.pieces_.push_back({std::move(glob), "", {}});
    return pattern;
  }
  const auto first = find_wildcard(glob);
  if (first == glob.size())
    pattern.form_ = Form::exact;
  else if (glob[first] != kAnyRun || first + 1 != glob.size())
    pattern.form_ = Form::glob;
  else
    pattern.form_ = first == 0 ? Form::everything : Form::prefix;
  if (pattern.form_ == Form::prefix) glob.pop_back();
  pattern.glob_ = std::move(glob);
  return pattern;
}

bool Pattern::matches_with_care(std::string_view text, Variables& variables) const {
  std::string folded;
  if (fold_case_) text = folded = common::to_lower(text);
  if (form_ == Form::exact) return text == glob_;
  if (form_ == Form::prefix) return text.starts_with(glob_);
  if (form_ == Form::glob) return glob_matches(glob_, text, variables);
  // Most texts differ before the first variable.
  if (!text.starts_with(glob_)) return false;
  auto& expanded = variables.buffer;
  expanded.clear();
  return expand(variables, expanded) && glob_matches(expanded, text, variables);
}

bool Pattern::expand(Variables& variables, std::string& glob) const {
  for (const auto& piece : pieces_) {
    glob += piece.glob;
    if (piece.variable.empty()) continue;
    const auto* value = variables.value(piece.variable);
    if (!value && piece.fallback) value = &*piece.fallback;
    // A value with the bytes that stand for wildcards would be read as wildcards.
    if (!value || find_wildcard(*value) < value->size()) return false;
    glob += fold_case_ ? common::to_lower(*value) : *value;
  }
  return true;
}

common::Result<ArnPattern> ArnPattern::compile(std::string_view text, Use use, bool variables) {
  ArnPattern arn;
  if (text == "*") return arn;
  auto colons = find_colons(text, variables);
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < colons.size() && i < 5; ++i) {
    parts.push_back(text.substr(begin, colons[i] - begin));
    begin = colons[i] + 1;
  }
  parts.push_back(text.substr(begin));
  // A '*' at the end reaches over the colons that are not there any more.
  if (parts.size() >= 3 && parts.back().ends_with('*'))
    parts.resize(std::max<std::size_t>(parts.size(), 6), "*");
  if (parts.size() != 6 || parts[0] != "arn" || parts[1].empty() || parts[2].empty() ||
      parts[5].empty())
    return malformed(fmt::format(
        "\"{}\" is neither * nor of the form arn:partition:service:region:account:resource", text));
  const bool resource = use == Use::resource;
  for (std::size_t i = 0; resource && variables && i < 5; ++i)
    if (parts[i].find("${") != std::string_view::npos)
      return malformed(fmt::format(
          "\"{}\" has a policy variable before its fifth colon, where none may stand", text));
  if (resource) TRY_VOID(check_resource(text, parts));
  for (std::size_t i = 0; i < 6; ++i) {
    // The original's names of EC2's resources have neither region nor account: any will do.
    const bool any = resource && parts[2] == "ec2" && (i == 3 || i == 4) && parts[i].empty();
    TRY(auto part, Pattern::compile(any ? "*" : parts[i], {.variables = variables}));
    arn.parts_.push_back(std::move(part));
  }
  arn.text_ = text;
  return arn;
}

std::optional<ArnPattern::Parts> ArnPattern::split(std::string_view arn) {
  Parts parts;
  for (int i = 0; i < 5; ++i) {
    const auto colon = arn.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts.part[i] = arn.substr(0, colon);
    arn.remove_prefix(colon + 1);
  }
  parts.part[5] = arn;
  return parts.part[0] == "arn" ? std::optional(parts) : std::nullopt;
}

bool ArnPattern::matches(const std::optional<Parts>& arn, Variables& variables) const {
  if (is_any()) return true;
  if (!arn) return false;
  // From the end: that is where names differ.
  for (int i = 5; i > 0; --i)
    if (!parts_[static_cast<std::size_t>(i)].matches(arn->part[i], variables)) return false;
  return true;
}

}  // namespace angophora::policy
