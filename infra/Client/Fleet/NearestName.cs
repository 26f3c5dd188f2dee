namespace Broker.Fleet;

/// <summary>Finds what somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>The nearest of <paramref name="candidates"/> by edit distance; null when none is near enough to be a typing error.</summary>
    public static string? Of(string name, IEnumerable<string> candidates) => candidates
        .Select(candidate => (candidate, distance: Distance(name, candidate)))
        .Where(near => near.distance <= Math.Max(2, name.Length / 3))
        .OrderBy(near => near.distance)
        .ThenBy(near => near.candidate, StringComparer.Ordinal)
        .Select(near => near.candidate)
        .FirstOrDefault();

    /// <summary>Levenshtein's distance: the fewest insertions, deletions and replacements of one letter.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
