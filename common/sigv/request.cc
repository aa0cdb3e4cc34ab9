#include "common/sigv/request.h"

#include "common/base/text.h"

namespace angophora::sigv {

std::string_view SignedRequest::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view SignedRequest::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::optional<std::string_view> SignedRequest::header(std::string_view name) const {
  for (const auto& [field, value] : headers)
    if (common::equal_ignore_case(field, name)) return std::string_view(value);
  return std::nullopt;
}

std::string_view to_string(SigErrc e) {
  switch (e) {
    case SigErrc::missing:
      return "missing";
    case SigErrc::malformed:
      return "malformed";
    case SigErrc::unsupported:
      return "unsupported";
    case SigErrc::mismatch:
      return "mismatch";
    case SigErrc::skewed:
      return "skewed";
    case SigErrc::expired:
      return "expired";
    case SigErrc::body_mismatch:
      return "body_mismatch";
  }
  return "unknown";
}

}  // namespace angophora::sigv
