#!/bin/bash
# Performance monitoring during deployment

MONITORING_DURATION=${1:-300}  # 5 minutes default
INTERVAL=${2:-30}  # 30 seconds default

echo "Starting deployment performance monitoring for ${MONITORING_DURATION} seconds"

START_TIME=$(date +%s)
END_TIME=$((START_TIME + MONITORING_DURATION))

# Initialize metrics
DEGRADATION_DETECTED=false
ALERT_COUNT=0

while [ $(date +%s) -lt $END_TIME ]; do
  CURRENT_TIME=$(date '+%Y-%m-%d %H:%M:%S')
  
  # Get performance metrics
  METRICS=$(curl -s -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/production-monitoring \
    -H "Content-Type: application/json" \
    -d '{"action": "performance_metrics", "time_window": "1m"}')
  
  if [ $? -eq 0 ]; then
    # Parse metrics
    AVG_RESPONSE=$(echo $METRICS | jq -r '.result.avg_response_time // 0')
    ERROR_RATE=$(echo $METRICS | jq -r '.result.error_rate // 0')
    THROUGHPUT=$(echo $METRICS | jq -r '.result.requests_per_second // 0')
    
    echo "[$CURRENT_TIME] Response: ${AVG_RESPONSE}ms | Error: ${ERROR_RATE}% | RPS: ${THROUGHPUT}"
    
    # Check for performance degradation
    if (( $(echo "$AVG_RESPONSE > 1500" | bc -l) )) || (( $(echo "$ERROR_RATE > 3" | bc -l) )); then
      echo "⚠️  Performance degradation detected!"
      DEGRADATION_DETECTED=true
      ALERT_COUNT=$((ALERT_COUNT + 1))
      
      if [ $ALERT_COUNT -ge 3 ]; then
        echo "🚨 Critical performance degradation - Consider rollback!"
        
        # Send alert
        curl -X POST $SLACK_WEBHOOK_URL \
          -H "Content-Type: application/json" \
          -d "{
            \"text\": \"🚨 Critical performance degradation detected during deployment\",
            \"attachments\": [{
              \"color\": \"danger\",
              \"fields\": [
                {\"title\": \"Response Time\", \"value\": \"${AVG_RESPONSE}ms\", \"short\": true},
                {\"title\": \"Error Rate\", \"value\": \"${ERROR_RATE}%\", \"short\": true},
                {\"title\": \"Alert Count\", \"value\": \"${ALERT_COUNT}\", \"short\": true}
              ]
            }]
          }"
        break
      fi
    else
      ALERT_COUNT=0  # Reset alert count if metrics are normal
    fi
  else
    echo "[$CURRENT_TIME] ❌ Failed to retrieve metrics"
  fi
  
  sleep $INTERVAL
done

if [ "$DEGRADATION_DETECTED" = false ]; then
  echo "✅ No performance degradation detected during monitoring period"
else
  echo "⚠️  Performance issues detected - Review deployment"
fi
