#include "common/http/server.h"

#include "common/http/testing.h"

namespace angophora::http::testing {
namespace {

TEST_F(ServerTest, AnswersARequest) {
  serve(answering("hello"));
  const auto answer = get("/x?y=1");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer.value().status, 200);
  EXPECT_EQ(answer.value().body, "hello");
}

}  // namespace
}  // namespace angophora::http::testing
