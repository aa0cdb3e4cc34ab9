#include "clc/store/soap_messages.h"

#include "common/base/encoding.h"

namespace angophora::clc {

Result<Remembered> SoapMessages::remember(const UserId& user, std::string_view digest,
                                          common::SysTime forget_at, common::SysTime now) {
  TRY(auto old, tx_.prepare("DELETE FROM soap_messages WHERE forget_at_ms < ?1"));
  TRY_VOID(old.bind(1, to_ms(now)).run());
  TRY(auto insert, tx_.prepare("INSERT INTO soap_messages (digest, user_id, forget_at_ms) "
                               "VALUES (?1,?2,?3) ON CONFLICT (digest) DO NOTHING"));
  insert.bind(1, common::hex_encode(digest)).bind(2, user).bind(3, to_ms(forget_at));
  TRY(const auto added, insert.run());
  if (added == 0) return Remembered::came_before;
  TRY(auto count, tx_.prepare("SELECT COUNT(*) FROM (SELECT 1 FROM soap_messages "
                              "WHERE user_id = ?1 LIMIT ?2) AS those"));
  TRY_VOID(count.bind(1, user).bind(2, kPerUserMax + 1).step());
  return count.integer(0) > kPerUserMax ? Remembered::no_room : Remembered::first_time;
}

}  // namespace angophora::clc
