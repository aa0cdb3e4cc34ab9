#include "clc/domain/identity.h"

namespace angophora::clc {

std::string arn_of(const User& user) {
  return "arn:aws:iam::" + user.account.value + ":user" + user.path + user.name;
}

}  // namespace angophora::clc
