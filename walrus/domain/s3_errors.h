// The errors of S3 under the names and HTTP statuses that Amazon documents.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "common/base/result.h"

namespace angophora::walrus {

enum class S3Errc {
  none = 0,
#define S3_ERROR(name, code, status) name,
#include "walrus/domain/s3_errors.inc"
#undef S3_ERROR
};

std::string_view to_string(S3Errc e);  // Amazon's code, e.g. "NoSuchKey"
int http_status(S3Errc e);

// The S3 error that an Error is: its own when it is one, else the one that fits a common Errc;
// what users may not see (I/O, corrupt data) is internal_error.
S3Errc s3_error_of(const common::Error& error);

}  // namespace angophora::walrus

ANGOPHORA_ERROR_ENUM(angophora::walrus, S3Errc)

namespace angophora::walrus {

inline common::Error invalid_argument(std::string message) {
  return common::Error(S3Errc::invalid_argument, std::move(message));
}
inline common::Error invalid_request(std::string message) {
  return common::Error(S3Errc::invalid_request, std::move(message));
}

}  // namespace angophora::walrus
