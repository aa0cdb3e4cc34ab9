#include "walrus/logging/record.h"

#include <gtest/gtest.h>

#include "common/base/text.h"

namespace angophora::walrus {
namespace {

AccessRecord example() {
  AccessRecord record;
  record.bucket_owner = "owner";
  record.bucket = "photos";
  record.time = *common::parse_iso8601("2026-11-22T02:40:58.123Z");
  record.address = "192.0.2.3";
  record.requester = "arn:aws:iam::1:user/bea";
  record.request_id = "00FF";
  record.operation = "REST.GET.OBJECT";
  record.key = "a b/\"c\"";
  record.request_line = "GET /photos/a%20b HTTP/1.1";
  record.status = 404;
  record.error_code = "NoSuchKey";
  record.bytes_sent = 243;
  record.took_ms = 7;
  record.user_agent = "say \"hi\"\r\nforged [x]";
  record.signature_version = "SigV4";
  record.authentication = "AuthHeader";
  record.host = "s3.test:8776";
  record.list_was_needed = true;
  return record;
}

TEST(AccessRecord, IsALineOfAmazonsForm) {
  EXPECT_EQ(to_line(example()),
            "owner photos [22/Nov/2026:02:40:58 +0000] 192.0.2.3 arn:aws:iam::1:user/bea 00FF "
            "REST.GET.OBJECT a%20b/%22c%22 \"GET /photos/a%20b HTTP/1.1\" 404 NoSuchKey 243 - 7 7 "
            "\"-\" \"say %22hi%22%0D%0Aforged [x]\" - 00FF SigV4 - AuthHeader s3.test%3A8776 - - "
            "Yes\n");
}

TEST(AccessRecord, SaysNothingOfWhatIsNotKnown) {
  AccessRecord record;
  record.operation = "REST.GET.BUCKET";
  EXPECT_EQ(to_line(record),
            "- - [01/Jan/1970:00:00:00 +0000] - - - REST.GET.BUCKET - \"-\" 0 - - - 0 0 \"-\" "
            "\"-\" - - - - - - - - -\n");
}

TEST(LogName, FollowsTheRule) {
  LogName name;
  name.source = "photos";
  name.account = "000000000001";
  name.region = "angophora";
  name.unique = "C0FFEE";
  name.delivered = *common::parse_iso8601("2026-11-22T00:01:02Z");
  name.day = *common::parse_iso8601("2026-11-21T23:58:00Z");
  LoggingRule rule{"logs", "log/", LoggingRule::Keys::simple};
  EXPECT_EQ(name_of_log(rule, name), "log/2026-11-22-00-01-02-C0FFEE");
  rule.keys = LoggingRule::Keys::by_delivery_day;
  EXPECT_EQ(name_of_log(rule, name),
            "log/000000000001/angophora/photos/2026/11/22/2026-11-22-00-01-02-C0FFEE");
  rule.keys = LoggingRule::Keys::by_event_day;
  EXPECT_EQ(name_of_log(rule, name),
            "log/000000000001/angophora/photos/2026/11/21/2026-11-21-00-00-00-C0FFEE");
}

}  // namespace
}  // namespace angophora::walrus
