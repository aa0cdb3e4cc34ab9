// One line of a bucket's access log, in the form that Amazon's server access logs have. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/time.h"
#include "walrus/documents/logging.h"

namespace angophora::walrus {

// What is not known, or does not apply, is empty; it becomes "-".
struct AccessRecord {
  std::string bucket_owner;  // canonical id
  std::string bucket;
  common::SysTime time{};
  std::string address;
  std::string requester;  // canonical id, or the ARN of a user or session
  std::string request_id;
  std::string operation;  // REST.GET.OBJECT
  std::string key;
  std::string request_line;  // GET /bucket/key HTTP/1.1
  int status = 0;
  std::string error_code;
  std::optional<std::uint64_t> bytes_sent, object_bytes;
  std::int64_t took_ms = 0;
  std::string referrer, user_agent, version;
  std::string signature_version;  // SigV2, SigV4
  std::string authentication;     // AuthHeader, QueryString
  std::string host;
  bool list_was_needed = false;
};

// 26 fields between spaces, with the end of line. Whatever a client sends stays inside its field.
std::string to_line(const AccessRecord& record);

// The name of an object with records: `unique` is random. `source` and `account` are the bucket's
// that they are of, `day` that of its requests.
struct LogName {
  std::string source, account, region, unique;
  common::SysTime delivered{}, day{};
};
std::string name_of_log(const LoggingRule& rule, const LogName& name);

}  // namespace angophora::walrus
