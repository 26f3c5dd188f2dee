using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Broker.Hosting.Health;

/// <summary>Healthy as long as jobs can reach this process.</summary>
internal sealed class ConsumerHealthCheck(Readiness readiness) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        readiness.IsReady
            ? HealthCheckResult.Healthy("consuming jobs")
            : new HealthCheckResult(context.Registration.FailureStatus, "not consuming: the broker is away, or this process is stopping"));
}
