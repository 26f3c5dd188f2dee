namespace Broker.Logging.Spool;

/// <summary>Where events wait, unless a setting says otherwise.</summary>
internal static class SpoolFolder
{
    /// <summary><c>broker/spool</c> in the user's data folder (<c>~/.local/share</c>).</summary>
    public static string Default { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "broker", "spool");
}
