#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {

std::string_view to_string(S3Errc e) {
  switch (e) {
    case S3Errc::none:
      return "None";
#define S3_ERROR(name, code, status) \
  case S3Errc::name:                 \
    return code;
#include "walrus/domain/s3_errors.inc"
#undef S3_ERROR
  }
  return "InternalError";
}

int http_status(S3Errc e) {
  switch (e) {
    case S3Errc::none:
      return 200;
#define S3_ERROR(name, code, status) \
  case S3Errc::name:                 \
    return status;
#include "walrus/domain/s3_errors.inc"
#undef S3_ERROR
  }
  return 500;
}

S3Errc s3_error_of(const common::Error& error) {
  static const std::error_category& s3 = make_error_code(S3Errc::none).category();
  static const std::error_category& general =
      common::make_error_code(common::Errc::internal).category();
  if (error.code.category() == s3) return static_cast<S3Errc>(error.code.value());
  if (error.code.category() != general) return S3Errc::internal_error;
  switch (static_cast<common::Errc>(error.code.value())) {
    case common::Errc::invalid_argument:
      return S3Errc::invalid_argument;
    case common::Errc::permission_denied:
      return S3Errc::access_denied;
    case common::Errc::timed_out:
      return S3Errc::request_timeout;
    case common::Errc::unavailable:
    case common::Errc::cancelled:
      return S3Errc::service_unavailable;
    case common::Errc::limit_exceeded:
      return S3Errc::slow_down;
    default:
      return S3Errc::internal_error;
  }
}

}  // namespace angophora::walrus
