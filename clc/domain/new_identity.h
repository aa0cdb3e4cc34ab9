// Makes accounts, users and what they prove themselves with; random names from the runtime.
#pragma once

#include "clc/domain/identity.h"
#include "common/base/result.h"

namespace angophora::clc {

// Without a name it is called by its number.
Account new_account(common::Runtime& runtime, std::string name);
User new_user(common::Runtime& runtime, const AccountId& account, std::string name,
              std::string path = "/");
User new_root(common::Runtime& runtime, const AccountId& account);
AccessKey new_access_key(common::Runtime& runtime, const UserId& user);

struct NewCertificate {
  UserCertificate certificate;
  std::string private_key_pem;  // handed out once, never kept
};
// Slow, makes a key: belongs on the pool.
common::Result<NewCertificate> new_certificate(common::Runtime& runtime, const Account& account,
                                               const User& user);

}  // namespace angophora::clc
