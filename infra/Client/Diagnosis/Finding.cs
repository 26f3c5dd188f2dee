namespace Broker.Diagnosis;

internal enum Verdict
{
    Ok,
    Wrong,

    /// <summary>Not checked: there is nothing to check, or what would be needed for it is not there.</summary>
    Skipped,
}

/// <summary>The result of one check.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Verdict">Whether it is as it should be.</param>
/// <param name="What">What was found.</param>
/// <param name="Fix">What to do about it; null where nothing is to be done, or <paramref name="What"/> says it.</param>
internal sealed record Finding(string Check, Verdict Verdict, string What, string? Fix = null)
{
    public static Finding Ok(string check, string what) => new(check, Verdict.Ok, what);

    public static Finding Wrong(string check, string what, string? fix = null) => new(check, Verdict.Wrong, what, fix);

    public static Finding Skipped(string check, string what) => new(check, Verdict.Skipped, what);
}
