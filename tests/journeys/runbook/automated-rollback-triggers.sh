#!/bin/bash
# Automated rollback monitoring script

echo "Starting automated rollback monitoring..."

# Define thresholds
ERROR_RATE_THRESHOLD=5.0
RESPONSE_TIME_THRESHOLD=2000
HEALTH_SCORE_THRESHOLD=85

while true; do
  # Get current metrics
  error_rate=$(curl -s -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/error-tracking \
    -H "Content-Type: application/json" \
    -d '{"action": "get_error_rate", "time_window": "5m"}' | jq -r '.result.error_rate // 0')
  
  response_time=$(curl -s -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/production-monitoring \
    -H "Content-Type: application/json" \
    -d '{"action": "performance_metrics", "time_window": "5m"}' | jq -r '.result.avg_response_time // 0')
  
  health_score=$(curl -s -X POST https://etretluugvclmydzlfte.supabase.co/functions/v1/production-monitoring \
    -H "Content-Type: application/json" \
    -d '{"action": "system_health_score"}' | jq -r '.result.health_score // 100')
  
  echo "Current metrics - Error Rate: ${error_rate}%, Response Time: ${response_time}ms, Health Score: ${health_score}%"
  
  # Check if rollback is needed
  rollback_needed=false
  
  if (( $(echo "$error_rate > $ERROR_RATE_THRESHOLD" | bc -l) )); then
    echo "⚠️  Error rate threshold exceeded: ${error_rate}% > ${ERROR_RATE_THRESHOLD}%"
    rollback_needed=true
  fi
  
  if (( $(echo "$response_time > $RESPONSE_TIME_THRESHOLD" | bc -l) )); then
    echo "⚠️  Response time threshold exceeded: ${response_time}ms > ${RESPONSE_TIME_THRESHOLD}ms"
    rollback_needed=true
  fi
  
  if (( $(echo "$health_score < $HEALTH_SCORE_THRESHOLD" | bc -l) )); then
    echo "⚠️  Health score threshold exceeded: ${health_score}% < ${HEALTH_SCORE_THRESHOLD}%"
    rollback_needed=true
  fi
  
  if [ "$rollback_needed" = true ]; then
    echo "🚨 Automatic rollback triggered!"
    
    # Execute rollback
    ./.azure/scripts/rollback-scripts.ps1 -Environment "production" -RollbackTarget "previous-stable"
    
    # Notify team
    curl -X POST $SLACK_EMERGENCY_WEBHOOK \
      -H "Content-Type: application/json" \
      -d "{
        \"text\": \"🚨 Automatic rollback executed\",
        \"attachments\": [{
          \"color\": \"warning\",
          \"fields\": [
            {\"title\": \"Error Rate\", \"value\": \"${error_rate}%\", \"short\": true},
            {\"title\": \"Response Time\", \"value\": \"${response_time}ms\", \"short\": true},
            {\"title\": \"Health Score\", \"value\": \"${health_score}%\", \"short\": true}
          ]
        }]
      }"
    
    break
  fi
  
  # Wait 30 seconds before next check
  sleep 30
done
