// What is told of one API call, in the words of AWS CloudTrail (eventVersion 1.08).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/time.h"

namespace angophora::audit {

// Who asked, as far as was proved.
struct Identity {
  std::string type;  // Root, IAMUser, AssumedRole, FederatedUser, AWSAccount; "" of nobody
  std::string principal_id;
  std::string arn;
  std::string account;
  std::string access_key;
  std::string user_name;
  std::string session_issuer;  // the role's or user's id, of temporary credentials
};

using Members = std::vector<std::pair<std::string, std::string>>;

struct Call {
  common::SysTime time{};
  Identity identity;
  std::string source;  // ec2.amazonaws.com
  std::string name;    // RunInstances
  std::string region;
  std::string address;
  std::string user_agent;
  std::string error_code;  // "" when it was done
  std::string error_message;
  Members parameters;  // as sent; secrets are taken out of them here
  std::string request_id;
  std::string event_id;
  std::string recipient_account;
  bool read_only = false;
  bool is_data = false;  // about an object of S3 and not what manages the cloud
};

// One JSON object without an end of line. Values of parameters that hold secrets (passwords, keys,
// user data) are left out; long ones are cut.
std::string to_json(const Call& call);

// Whether a parameter of this name holds what no log may show: a password, key or signature.
bool is_secret(std::string_view name);

// Describe..., Get..., List... and Head... only look.
bool is_read_only(std::string_view action);

}  // namespace angophora::audit
