// Keeps the identities current: a long poll to the cloud controller, and the durable copy.
#pragma once

#include "common/db/database.h"
#include "common/soap/channel.h"
#include "walrus/clients/identity_book.h"

namespace angophora::walrus {

// Runs until the runtime stops. Everything borrowed outlives the runtime's coroutines.
common::awaitable<void> follow_identities(common::Runtime& runtime, soap::Channel& channel,
                                          common::ServiceName cloud, IdentityBook& book,
                                          db::Database& db);

}  // namespace angophora::walrus
