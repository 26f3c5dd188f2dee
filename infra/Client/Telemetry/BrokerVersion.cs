using System.Reflection;

namespace Broker.Telemetry;

/// <summary>The version of this project.</summary>
internal static class BrokerVersion
{
    public static string Text { get; } =
        typeof(BrokerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
