#include "common/base/result.h"

namespace angophora::common {

std::string_view to_string(Errc e) {
  switch (e) {
    case Errc::invalid_argument:
      return "invalid argument";
    case Errc::not_found:
      return "not found";
    case Errc::already_exists:
      return "already exists";
    case Errc::permission_denied:
      return "permission denied";
    case Errc::unavailable:
      return "unavailable";
    case Errc::timed_out:
      return "timed out";
    case Errc::limit_exceeded:
      return "limit exceeded";
    case Errc::io:
      return "input or output failed";
    case Errc::corrupt:
      return "corrupt data";
    case Errc::cancelled:
      return "cancelled";
    case Errc::internal:
      return "internal error";
  }
  return "unknown error";
}

Error errno_error(int number, std::string step) {
  auto code = std::error_code(number, std::generic_category());
  auto message = std::move(step) + ": " + code.message();
  switch (number) {
    case ENOENT:
      return {Errc::not_found, std::move(message)};
    case EEXIST:
      return {Errc::already_exists, std::move(message)};
    case EACCES:
    case EPERM:
      return {Errc::permission_denied, std::move(message)};
    default:
      return {Errc::io, std::move(message)};
  }
}

}  // namespace angophora::common
