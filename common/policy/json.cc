#include "common/policy/json.h"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <cstdint>
#include <utility>

#include "common/policy/document.h"

namespace angophora::policy {
namespace {

using boost::json::error_code;
using boost::json::string_view;

// Builds the tree as the parser reports its parts. A false with `ec` set stops the parser.
class Builder {
 public:
  explicit Builder(const JsonLimits& limits) : values_max_(limits.values_max) {}

  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec) { return open(Json::Kind::object, ec); }
  bool on_object_end(std::size_t, error_code&) { return close(); }
  bool on_array_begin(error_code& ec) { return open(Json::Kind::array, ec); }
  bool on_array_end(std::size_t, error_code&) { return close(); }

  bool on_key_part(string_view part, std::size_t, error_code&) { return append(part); }
  bool on_key(string_view part, std::size_t, error_code& ec) {
    append(part);
    if (!clean(ec)) return false;
    for (const auto& member : open_.back()->members)
      if (member.name == piece_)
        return stop(fmt::format("the name \"{}\" stands twice in one object", piece_), ec);
    open_.back()->members.push_back({std::exchange(piece_, {}), Json{}});
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) { return append(part); }
  bool on_string(string_view part, std::size_t, error_code& ec) {
    append(part);
    return clean(ec) && value(Json::Kind::string, ec);
  }
  bool on_number_part(string_view part, error_code&) { return append(part); }
  bool on_int64(std::int64_t, string_view part, error_code& ec) { return number(part, ec); }
  bool on_uint64(std::uint64_t, string_view part, error_code& ec) { return number(part, ec); }
  bool on_double(double, string_view part, error_code& ec) { return number(part, ec); }
  bool on_bool(bool yes, error_code& ec) {
    piece_ = yes ? "true" : "false";
    return value(Json::Kind::boolean, ec);
  }
  bool on_null(error_code& ec) { return value(Json::Kind::null, ec); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

  Json root;
  std::string complaint;  // of ours; empty when the parser itself refused

 private:
  bool append(string_view part) {
    piece_.append(part.data(), part.size());
    return true;
  }
  bool stop(std::string why, error_code& ec) {
    complaint = std::move(why);
    ec = boost::json::error::syntax;
    return false;
  }
  bool clean(error_code& ec) {
    for (const unsigned char c : piece_)
      if (c < 0x20 || c == 0x7f) return stop("a text has a control character", ec);
    return true;
  }
  bool number(string_view part, error_code& ec) {
    append(part);
    return value(Json::Kind::number, ec);
  }
  // Where the next value belongs.
  Json* place(error_code& ec) {
    if (++values_ > values_max_) {
      stop("it has too many values", ec);
      return nullptr;
    }
    if (open_.empty()) return &root;
    auto& parent = *open_.back();
    if (parent.is(Json::Kind::object)) return &parent.members.back().value;
    return &parent.items.emplace_back();
  }
  bool value(Json::Kind kind, error_code& ec) {
    auto* at = place(ec);
    if (!at) return false;
    at->kind = kind;
    at->text = std::exchange(piece_, {});
    return true;
  }
  bool open(Json::Kind kind, error_code& ec) {
    auto* at = place(ec);
    if (!at) return false;
    at->kind = kind;
    open_.push_back(at);  // stays where it is: its parent gets no sibling before it is closed
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::size_t values_max_;
  std::size_t values_ = 0;
  std::vector<Json*> open_;
  std::string piece_;
};

std::string place_in(std::string_view text, std::size_t offset) {
  std::size_t line = 1, column = 1;
  for (const char c : text.substr(0, offset)) {
    column = c == '\n' ? 1 : column + 1;
    line += c == '\n';
  }
  return fmt::format("line {}, column {}", line, column);
}

}  // namespace

const Json* Json::member(std::string_view name) const {
  for (const auto& one : members)
    if (one.name == name) return &one.value;
  return nullptr;
}

std::string_view describe(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::null:
      return "null";
    case Json::Kind::boolean:
      return "a boolean";
    case Json::Kind::number:
      return "a number";
    case Json::Kind::string:
      return "a text";
    case Json::Kind::array:
      return "a list";
    case Json::Kind::object:
      return "an object";
  }
  return "";
}

common::Result<Json> read_json(std::string_view text, const JsonLimits& limits) {
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::json::basic_parser<Builder> parser(options, limits);
  error_code ec;
  const auto used = parser.write_some(false, text.data(), text.size(), ec);
  auto& built = parser.handler();
  if (!ec && used == text.size()) return std::move(built.root);
  std::string why = "there is something after its end";
  if (!built.complaint.empty())
    why = built.complaint;
  else if (ec == boost::json::error::too_deep)
    why = "it is nested too deeply";
  else if (ec == boost::json::error::incomplete)
    why = "it ends too early";
  else if (ec)
    why = ec.message();
  return common::Error(
      PolicyErrc::malformed,
      fmt::format("the policy is not JSON as it must be: {} ({})", why, place_in(text, used)));
}

}  // namespace angophora::policy
