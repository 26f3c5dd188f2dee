using Broker.Hosting.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health checks of a consumer.</summary>
public static class BrokerHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that is healthy while jobs can reach this process: for readiness, not for liveness, since a broker that is away is no reason
    /// to be restarted. Needs <c>AddBrokerConsumer</c>.
    /// </summary>
    /// <param name="builder">What <c>AddHealthChecks</c> returns.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What it reports when jobs cannot reach it. Null is <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">To choose checks by.</param>
    public static IHealthChecksBuilder AddBrokerConsumer(this IHealthChecksBuilder builder, string name = "broker-consumer", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null) =>
        builder.AddCheck<ConsumerHealthCheck>(name, failureStatus, tags ?? []);
}
