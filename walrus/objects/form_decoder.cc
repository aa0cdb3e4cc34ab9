#include "walrus/objects/form_decoder.h"

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kFieldsMax = 200;
constexpr std::size_t kFieldBytesMax = 64 * 1024;  // of all fields together
constexpr std::size_t kHeadBytesMax = 8 * 1024;
constexpr std::size_t kBoundaryBytesMax = 70;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

Error bad_form(std::string_view what) {
  return Error(S3Errc::malformed_post_request,
               "The body of your POST request is not well-formed multipart/form-data: " +
                   std::string(what) + ".");
}

// The value of `name` in 'form-data; name="a"; filename="b"'.
std::optional<std::string> parameter_of(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos) {
    auto rest = common::trim(header.substr(at + 1));
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const bool found = common::equal_ignore_case(common::trim(rest.substr(0, equals)), name);
    rest = common::trim(rest.substr(equals + 1));
    std::size_t end = 0;
    std::string value;
    if (rest.starts_with('"')) {
      for (end = 1; end < rest.size() && rest[end] != '"'; ++end) {
        if (rest[end] == '\\' && end + 1 < rest.size()) ++end;
        value += rest[end];
      }
    } else {
      end = std::min(rest.find(';'), rest.size());
      value = common::trim(rest.substr(0, end));
    }
    if (found) return value;
    const auto next = rest.find(';', end);
    at = next == std::string_view::npos
             ? next
             : static_cast<std::size_t>(rest.data() - header.data()) + next;
  }
  return std::nullopt;
}

std::string without_folders(std::string name) {
  const auto slash = name.find_last_of("/\\");
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
  const auto kind = common::trim(content_type.substr(0, content_type.find(';')));
  if (!common::equal_ignore_case(kind, "multipart/form-data")) return std::nullopt;
  auto boundary = parameter_of(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryBytesMax) return std::nullopt;
  return boundary;
}

// The first delimiter has no line in front of it; a made up one lets all be the same.
FormDecoder::FormDecoder(std::string boundary)
    : delimiter_("\r\n--" + std::move(boundary)), held_("\r\n") {}

Result<> FormDecoder::feed(std::string_view bytes, std::string& data) {
  if (state_ == State::done) return common::ok();
  held_ += bytes;
  for (;;) {
    TRY(const bool more, step(data));
    if (!more) return common::ok();
  }
}

Result<bool> FormDecoder::step(std::string& data) {
  switch (state_) {
    case State::preamble:
      return on_preamble();
    case State::head:
      return on_head();
    case State::value:
      return on_value();
    case State::file:
      return on_file(data);
    case State::done:
      held_.clear();
      return false;
  }
  return false;
}

Result<bool> FormDecoder::on_preamble() {
  const auto at = held_.find(delimiter_);
  if (at == std::string::npos) {
    if (held_.size() > kHeadBytesMax) return bad_form("its boundary is missing");
    return false;
  }
  held_.erase(0, at + delimiter_.size());
  state_ = State::head;
  return true;
}

Result<bool> FormDecoder::on_head() {
  if (held_.size() >= 2 && held_.starts_with("--")) return bad_form("it has no file");
  const auto end = held_.find(kHeadEnd);
  if (end == std::string::npos) {
    if (held_.size() > kHeadBytesMax) return bad_form("the head of a field is too long");
    return false;
  }
  if (end > kHeadBytesMax) return bad_form("the head of a field is too long");
  const auto head = held_.substr(0, end);
  held_.erase(0, end + kHeadEnd.size());
  TRY_VOID(read_head(head));
  return true;
}

Result<> FormDecoder::read_head(std::string_view head) {
  std::string disposition, type;
  for (auto line : common::split(head, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto name = common::trim(line.substr(0, colon));
    if (common::equal_ignore_case(name, "content-disposition"))
      disposition = common::trim(line.substr(colon + 1));
    if (common::equal_ignore_case(name, "content-type"))
      type = common::trim(line.substr(colon + 1));
  }
  auto name = parameter_of(disposition, "name");
  if (!name) return bad_form("a field has no name");
  name_ = common::to_lower(*name);
  if (name_ != "file") {
    if (fields_.size() == kFieldsMax) return bad_form("it has too many fields");
    state_ = State::value;
    return common::ok();
  }
  file_.name = without_folders(parameter_of(disposition, "filename").value_or(""));
  file_.content_type = std::move(type);
  state_ = State::file;
  return common::ok();
}

Result<bool> FormDecoder::on_value() {
  const auto end = held_.find(delimiter_);
  const auto bytes = field_bytes_ + (end == std::string::npos ? held_.size() : end);
  if (bytes > kFieldBytesMax)
    return Error(S3Errc::malformed_post_request,
                 "Your POST request fields preceding the upload file were too large.");
  if (end == std::string::npos) return false;
  field_bytes_ = bytes;
  fields_.push_back({name_, held_.substr(0, end)});
  held_.erase(0, end + delimiter_.size());
  state_ = State::head;
  return true;
}

// Bytes that could be the begin of a delimiter wait for those behind them.
bool FormDecoder::on_file(std::string& data) {
  const auto end = held_.find(delimiter_);
  if (end != std::string::npos) {
    data.append(held_, 0, end);
    held_.clear();
    state_ = State::done;
    return false;
  }
  if (held_.size() < delimiter_.size()) return false;
  const auto sure = held_.size() - delimiter_.size() + 1;
  data.append(held_, 0, sure);
  held_.erase(0, sure);
  return false;
}

Result<> FormDecoder::finish() const {
  if (state_ == State::done) return common::ok();
  if (state_ == State::file)
    return Error(S3Errc::incomplete_body, "The request body terminated unexpectedly");
  return bad_form("it ends before its file");
}

}  // namespace angophora::walrus
