# Writes what PROGRAM --print-sample prints to OUTPUT.
execute_process(COMMAND ${PROGRAM} --print-sample OUTPUT_FILE ${OUTPUT} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --print-sample failed: ${result}")
endif()
