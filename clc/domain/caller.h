// Who asked, as the front door found out. Actions trust it.
#pragma once

#include <memory>
#include <string>

#include "common/base/id.h"
#include "common/sessions/session.h"

namespace angophora::clc {

// What there is of a caller with temporary credentials beside the caller itself.
struct CallerSession {
  sessions::Session session;
  policy::Principal principal;
};

struct Caller {
  common::AccountId account;
  std::string account_name;
  common::UserId user;
  std::string user_name;  // "" of a role's session and of who is federated
  std::string user_arn;
  bool is_root = false;                          // may do everything in its account
  bool cloud_administrator = false;              // the root of the account that runs the cloud
  std::shared_ptr<const CallerSession> session;  // null with a key of a user's own
  std::string access_key_id;
  std::string request_id;  // made at the front door, on every log line and message of this request
  std::string version;     // the API version asked for, e.g. 2016-11-15; "" when none was sent
  bool dry_run = false;    // asks only whether the request would succeed
  std::string endpoint;    // how the caller reached the front door, e.g. http://10.0.0.1:8773
};

}  // namespace angophora::clc
