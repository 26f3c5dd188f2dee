namespace Broker.Telemetry;

/// <summary>Logger categories that a program may want to set apart.</summary>
internal static class LogCategories
{
    /// <summary>One line per job on each side, at debug: enough to say who ran what.</summary>
    public const string Jobs = "Broker.Jobs";

    /// <summary>What handlers log by their <c>JobContext.Logger</c>; the kind follows.</summary>
    public const string Handlers = "Broker.Handlers";
}
