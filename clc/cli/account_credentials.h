// A new key and certificate for a user of any account, written to a folder.
#pragma once

#include "clc/cli/commands.h"

namespace angophora::clc::cli {

// As the administrator whom the environment names. When it fails, nothing that it made is left in
// the cloud, as far as the cloud can be reached.
Task<> write_account_credentials(common::Runtime& runtime, CredentialsOptions options);

}  // namespace angophora::clc::cli
