// The SOAP messages that were accepted, so that none is accepted twice, also after a restart.
#pragma once

#include "clc/domain/ids.h"
#include "clc/store/rows.h"

namespace angophora::clc {

enum class Remembered {
  first_time,
  came_before,
  no_room,  // the user has too many messages that must still be remembered
};

class SoapMessages {
 public:
  explicit SoapMessages(Tx& tx) : tx_(tx) {}

  // Remembers until `forget_at` that the user sent the message with this digest (raw). Messages
  // whose time has come are forgotten on the way.
  Result<Remembered> remember(const UserId& user, std::string_view digest,
                              common::SysTime forget_at, common::SysTime now);

  static constexpr int kPerUserMax = 20'000;

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
